"""How the shipped model's parts are learned, with PyTorch; nobody needs it to use them."""
