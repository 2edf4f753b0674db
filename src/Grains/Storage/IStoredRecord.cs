namespace Lcnn.Distributed.Grains.Storage;

/// <summary>A record of which one silo at a time is the writer.</summary>
internal interface IStoredRecord<out TSelf>
{
    /// <summary>Grows with every write.</summary>
    long Number { get; }

    /// <summary>The write that stored it, by a random id: no two writes have the same, even if one was given up and its number taken again.</summary>
    Guid WriteId { get; }

    /// <summary>What was started, as JSON; empty when nothing was.</summary>
    string SpecJson { get; }

    /// <summary>Whether nothing more comes of it.</summary>
    bool HasEnded { get; }

    /// <summary>The record as a write stores it.</summary>
    TSelf Stamped(long number, Guid writeId);
}
