using System.Security.Cryptography;
using System.Text.Json;

namespace Lcnn.Distributed.Data.Claims;

/// <summary>Who has a folder, as the first line of a claim's file says it.</summary>
public sealed record Claim
{
    private const int IdLength = 32;
    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Random, and new with each claim.</summary>
    public string Id { get; init; } = "";

    /// <summary>The run or sweep.</summary>
    public string Holder { get; init; } = "";

    /// <summary>"run", or "sweep" whose folder is its trials' too.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The sweep that a run is a trial of.</summary>
    public string? Sweep { get; init; }

    /// <summary>Where the holder is, for people.</summary>
    public string Where { get; init; } = "";

    /// <summary>When it claimed the folder.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>The process with which the holder ends; null if it may go on in another.</summary>
    public ProcessMark? LivesWith { get; init; }

    /// <summary>Seconds without a beat after which the holder counts as dead where its process cannot be looked at.</summary>
    public int LeaseSeconds { get; init; }

    /// <summary>Whether the folder was made for it.</summary>
    public bool MadeFolder { get; init; }

    /// <summary>Whether it is the claim of the same run or sweep.</summary>
    public bool IsOf(Claimant claimant)
    {
        ArgumentNullException.ThrowIfNull(claimant);
        return (Kind, Holder) == (claimant.Kind, claimant.Id);
    }

    /// <summary>Who, since when and where, in a sentence's middle.</summary>
    public override string ToString() => FormattableString.Invariant($"{Kind} {Holder} since {Since.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC ({Where})");

    internal static string NewId() => RandomNumberGenerator.GetHexString(IdLength, lowercase: true);

    internal string ToJson() => JsonSerializer.Serialize(this, _json);

    /// <summary>Null for anything that was not written here: an id is part of a file's name.</summary>
    internal static Claim? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<Claim>(line, _json) is { Holder.Length: > 0, Kind.Length: > 0, Where: not null } claim
                && claim.Id is { Length: IdLength } id && id.All(char.IsAsciiHexDigitLower) ? claim : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
