"""Print sample blocks: `python -m data.generator --seed 1 --count 5`."""

import argparse
import random

from . import LANGUAGES, any_block


def main() -> None:
    """Read the arguments and print the blocks, each line with its category."""
    parser = argparse.ArgumentParser(prog="data.generator", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=5, help="how many blocks")
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    for _ in range(options.count):
        for category, text in any_block(rng, options.language):
            print(f"{category:15} {text}".rstrip())
        print("-" * 40)


if __name__ == "__main__":
    main()
