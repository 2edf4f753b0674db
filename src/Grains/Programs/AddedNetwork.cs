using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Grains.Programs;

/// <summary>A network that a silo's program adds; runs and clients know it by its name.</summary>
/// <param name="Description">The network.</param>
public sealed record AddedNetwork(NetworkDescription Description);
