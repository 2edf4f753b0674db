namespace Lcnn.Distributed.Contracts.Cluster;

/// <summary>One place for one worker: a share of a silo's CPU cores, or a GPU.</summary>
/// <param name="Silo">Address of the silo, as <c>SiloAddress.ToParsableString</c> writes it.</param>
/// <param name="Index">0 .. slots of the silo - 1.</param>
/// <param name="Device">"cpu", or "cuda:" and the index.</param>
[GenerateSerializer, Immutable, Alias("lcnn.DeviceSlot")]
public sealed record DeviceSlot([property: Id(0)] string Silo, [property: Id(1)] int Index, [property: Id(2)] string Device);
