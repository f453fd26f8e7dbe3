"""P(A beats B): how likely one initiative's math score exceeds another's, over draws that both share."""
