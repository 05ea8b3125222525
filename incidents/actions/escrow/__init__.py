"""Codes deposited ahead by whoever will be asked for them, answered by the depositor's own rule (MP281).

Nobody but the depositor learns that a deposit exists before its request is answered; nobody at all sees its code.
The package imports nothing by itself: raising and closing a request use parts of it, and parts of it use them.
"""
