namespace Lcnn.Distributed.Contracts;

/// <summary>One entry of a log that is watched.</summary>
public interface INumberedEvent
{
    /// <summary>Position in the log, from 1, without gaps.</summary>
    long Sequence { get; }

    /// <summary>Whether nothing follows it.</summary>
    bool IsFinal { get; }
}
