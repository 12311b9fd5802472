"""Transactions, accounts, blocks and the engines that order them."""
