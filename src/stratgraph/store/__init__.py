"""The store: queries and descriptions over one built graph. The only package that imports pyoxigraph.

Nothing is imported here, so that the zygote (`store.zygote`), which every worker is a copy of, loads only what it needs.
Callers import `store.interface` for the types, `store.embedded` for the engine and `store.rdf` for serialisation.

    interface   values and the Store protocol
    embedded    EmbeddedStore: queue, time limits, replacement      (the server's process; asyncio)
    pool        one zygote and its workers, seen from the server
    asked       a request on its way: queue, then exchange
    exchange    one request to one worker, seen from the server
    frames      what both sides say to each other
    zygote      loads the graph once, forks workers                 (own process; one thread)
    worker      answers requests, one at a time                     (forked; may be killed at any moment)
    graphs      the loaded graphs, the levels, which dataset a query sees
    describing  what a worker collects about one IRI
    precheck    the scanner that refuses cheap killers and finds FROM, SERVICE and volatile functions
    confine     memory, descriptors, network: what a worker may not have
    rdf         canonical N-Quads, dumps, statements → bytes
    constraints the SPARQL of our shapes over triples in memory     (in the pipeline, not the server)
"""
