"""What files hold: one room a format, all of them by the protocol of `record`."""
