"""Tests of the estimation: known truths, published curves, formulas worked out by hand."""
