"""How many products the demo catalog of tests has: enough to hold every planted defect."""

SMALL = 120
