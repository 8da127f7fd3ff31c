"""CloudFormation: our own engine over our own and LocalStack's resource handlers.

Written from AWS's documentation, not compared with AWS: statuses, reasons and the order of events are what the
documentation and public issue trackers show.

``template``   parses, validates and evaluates templates
``model``      stacks, resources, events, change sets
``plan``       what an update would do (change sets)
``engine``     carries out create, update, delete and rollback
``api``        the operations on stacks and change sets
``stacksets``  the operations on StackSets
``schemas``    what the resource types' schemas say of a property
``resources``  the handlers of resource types
"""
