"""Alerting: one cause, one incident, one message.

`notices` knows which incident a failure belongs to and when its cause is gone; `dispatch` enters it and delivers;
`incidents` and `outbox` keep both in the warehouse, `unheard` while that is away; `routes` and `channels` say to whom
and how; `liveness` notices that nothing happens at all.
"""
