using System.ComponentModel.DataAnnotations;

namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>How parcels travel between processes.</summary>
public sealed class TransportOptions
{
    /// <summary>Payload of one frame and size of one grain block; both sides must agree, so it is no setting.</summary>
    internal const int PieceBytes = 1 << 20;

    /// <summary>Address the stream listener is bound to; "0.0.0.0" for all. Default: 127.0.0.1.</summary>
    [Required]
    public string ListenAddress { get; set; } = "127.0.0.1";

    /// <summary>Port of the stream listener; 0 takes a free one. Default: 0.</summary>
    [Range(0, 65535)]
    public int ListenPort { get; set; }

    /// <summary>Host that others dial; null for the listen address, or the machine's name when that is all addresses. Default: null.</summary>
    public string? AdvertisedHost { get; set; }

    /// <summary>Largest parcel taken from a peer. Default: 1 GiB.</summary>
    [Range(1 << 20, 1L << 40)]
    public long MaxParcelBytes { get; set; } = 1L << 30;

    /// <summary>Largest metadata of a parcel, and thus the most a peer can make this process allocate ahead of payload. Default: 16 MiB.</summary>
    [Range(1 << 10, 1 << 30)]
    public int MaxMetadataBytes { get; set; } = 16 << 20;

    /// <summary>Unacknowledged bytes to one process above which senders wait. Default: 512 MiB.</summary>
    [Range(1, 1L << 40)]
    public long MaxUnacknowledgedBytes { get; set; } = 512L << 20;

    /// <summary>Bytes waiting in a run's mailboxes above which its streams are not read while no rank waits. Default: 1 GiB.</summary>
    [Range(1, 1L << 40)]
    public long MaxWaitingBytes { get; set; } = 1L << 30;

    /// <summary>Handshakes under way at the same time. Default: 64.</summary>
    [Range(1, 4096)]
    public int MaxHandshakes { get; set; } = 64;

    /// <summary>Time in which a connection must say who it is, so that strangers do not fill the handshakes. Default: 2 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan HelloTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Time for dialling and the whole handshake. Default: 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Dials in a row without a parcel getting through before the pair may fall back to grains. Default: 6.</summary>
    [Range(1, 1000)]
    public int MaxDials { get; set; } = 6;

    /// <summary>Time for which dials go on without a parcel getting through, however many they are. Default: 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan DialTime { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Wait after the first failed dial; doubles each time, up to 64 times that. Default: 50 milliseconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan FirstDialDelay { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long the dialled side waits for a connection before it falls back to grains. Default: 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan DialledTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Calls for one grain block before the peer is given up. Default: 5.</summary>
    [Range(1, 1000)]
    public int MaxRelayCalls { get; set; } = 5;

    /// <summary>How long a run that has left keeps sending what it still owes. Default: 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The wait after so many failures in a row: doubles up to 64 times the first, less up to a half by chance, so that a crowd does not come again at once.</summary>
    internal TimeSpan DelayAfter(int failures) => FirstDialDelay * Math.Pow(2, Math.Min(failures - 1, 6)) * (1 - (Random.Shared.NextDouble() / 2));
}
