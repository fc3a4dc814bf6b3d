"""Charts: each a pure function of tables that gives a picture and the table behind it.

Belongs here: drawing, in the anatomy of `anatomy.py` and the colours of the theme. Does not belong
here: findings and titles (sections), or pages.
"""
