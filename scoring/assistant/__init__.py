"""The LLM as co-author: it drafts chains, formulas and descriptions of params; a person decides.

``client`` asks one question (and knows no Django), ``asking`` pays for it, ``tasks`` say what is asked of
which rows and where answers land, ``run`` goes through the rows of a job.
"""
