"""The HTTP service: `cleaner serve`, for crawlers in other languages."""
