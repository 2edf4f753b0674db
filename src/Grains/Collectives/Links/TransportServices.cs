using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Collectives.Links;

/// <summary>What all parts of a process's transports share.</summary>
/// <param name="Security">Secures streams; null where they are plain.</param>
internal sealed record TransportServices(TransportOptions Options, TimeProvider Clock, TransportCounters Counters, ILogger Logger, IStreamSecurity? Security = null);
