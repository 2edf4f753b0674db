namespace Lcnn.Distributed.Grains.Storage;

/// <summary>A record of which one silo at a time is the writer.</summary>
internal interface IStoredRecord<out TSelf>
{
    /// <summary>Grows with every write.</summary>
    long Number { get; }

    /// <summary>Who wrote it, by a random id.</summary>
    Guid Writer { get; }

    /// <summary>The record as its next writer stores it.</summary>
    TSelf Stamped(long number, Guid writer);
}
