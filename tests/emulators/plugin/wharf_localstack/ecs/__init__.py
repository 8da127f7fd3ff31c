"""ECS.

Written from AWS's documentation, not compared with AWS: how a deployment replaces tasks, when the circuit breaker trips, the
texts of events and stop reasons. With a container engine a task is a set of real containers; without one it is played.

``model``    clusters, task definitions, tasks as data
``engine``   the container engine's API
``task``     the life of one task
``service``  the scheduler: services, deployments, circuit breaker
``api``      the operations
"""
