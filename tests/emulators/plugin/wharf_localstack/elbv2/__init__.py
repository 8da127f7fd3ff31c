"""Load balancers (ELBv2).

A load balancer has a loopback address of its own (its DNS name) and listens there. It follows its listeners' rules and
sends requests to targets whose health checks pass; the checks are real requests to the tasks' containers.

``model``     load balancers, listeners, rules, target groups, targets
``api``       the operations
``traffic``   sockets: listeners, forwarding, health checks (one thread with an event loop)

Not as on AWS: certificates are self-signed whatever was configured; no UDP; no stickiness, authentication or access logs.
"""
