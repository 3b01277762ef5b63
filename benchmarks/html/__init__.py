"""Pages of HTML against hand-made text: quality and speed of ours and of other extractors."""
