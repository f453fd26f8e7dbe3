"""The pages of the decision tools: asking, waiting, and what each of them answered."""
