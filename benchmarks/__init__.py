"""What is measured: each module is a script that prints ratios within one run."""
