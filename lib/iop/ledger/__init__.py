"""Transactions, accounts, blocks and the engines that order them.

- transactions: transaction wire reader kind forms record schema asset integer seal fee builder draft verdict
- state: account table book rules layer2 state; names live in `coeus`, their schemas in `coeus_schema`
- the board of signed statements: board board_row board_query
- chain: params epoch genesis block engine mempool
- what a node answers: submission answer answer_chain address · lists: directory standing ordering
"""
