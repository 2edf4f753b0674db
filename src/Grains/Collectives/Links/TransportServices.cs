using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Collectives.Links;

/// <summary>What all parts of a process's transports share.</summary>
internal sealed record TransportServices(TransportOptions Options, TimeProvider Clock, TransportCounters Counters, ILogger Logger);
