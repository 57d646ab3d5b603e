"""Answers that a language model writes, sentence by checked sentence."""
