namespace Lcnn.Distributed.Contracts.Cluster;

/// <summary>One silo at one moment: its slots, and who has them.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.SiloReport")]
public sealed record SiloReport
{
    /// <summary>Address of the silo, as <c>SiloAddress.ToParsableString</c> writes it.</summary>
    [Id(0)] public string Silo { get; init; } = "";
    /// <summary>Name of the silo or its host.</summary>
    [Id(1)] public string Name { get; init; } = "";
    /// <summary>Operating-system process.</summary>
    [Id(2)] public int ProcessId { get; init; }
    /// <summary>Whether it is leaving: it keeps what it has and takes nothing new.</summary>
    [Id(3)] public bool IsDraining { get; init; }
    /// <summary>Every slot in order; null where it is free.</summary>
    [Id(4)] public IReadOnlyList<SlotReport> Slots { get; init; } = [];
    /// <summary>Whether it has as many slots as are asked for, such as the silo of local mode; then only those in use are listed.</summary>
    [Id(5)] public bool IsUnlimited { get; init; }
    /// <summary>What it can train beyond what is built in; null of a release that does not say.</summary>
    [Id(6)] public SiloOffer? Offer { get; init; }
}

/// <summary>One slot and its holder.</summary>
/// <param name="Holder">Who has it, or has it next; null when it is free.</param>
/// <param name="IsLeaving">Whether the holder was told to leave and has not yet; one that hangs never does.</param>
[GenerateSerializer, Immutable, Alias("lcnn.SlotReport")]
public sealed record SlotReport([property: Id(0)] DeviceSlot Slot, [property: Id(1)] SlotHolder? Holder, [property: Id(2)] bool IsLeaving = false);
