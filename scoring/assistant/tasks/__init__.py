"""What the LLM is asked, a file per task. ``everything`` has them all, and loads their schemas."""
