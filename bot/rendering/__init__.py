"""Turns texts that people wrote into embeds that fit Discord's limits and can do nothing."""
