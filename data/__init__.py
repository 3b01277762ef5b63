"""What the shipped model is made of; not part of the installed package."""
