namespace Lcnn.Distributed.EndToEndTests.Data;

/// <summary>What may be wrong with a data file.</summary>
public enum Damage
{
    None,

    /// <summary>The file ends too early.</summary>
    Truncated,

    /// <summary>The content ends too early, in a file that is whole.</summary>
    ShortContent,

    /// <summary>The first bytes are not those of the format.</summary>
    WrongMagic,

    /// <summary>A label is beyond the classes.</summary>
    WrongLabel,

    /// <summary>A bit is not as it was.</summary>
    FlippedBit,

    /// <summary>A file, or a member of an archive, is not there.</summary>
    Missing,
}
