using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>The contents of state.json: what the snapshot is, the size and SHA-256 of every other file, and last its own hash.</summary>
/// <remarks>
/// The file ends with exactly <c>,\n  "sha256": "H"\n}\n</c>, where H is the lower-case SHA-256 of every byte before that comma.
/// All schema versions keep this ending, so that damage and a newer writer are told apart.
/// </remarks>
internal sealed record SnapshotState(
    long Step, int Epoch, int Generation, string WeightsSha256, JsonObject Run, FileDigest Model, FileDigest Optimizer)
{
    public const int SchemaVersion = 1;

    private const int MaxDepth = 64;
    private const string BeforeHash = ",\n  \"sha256\": \"";
    private const string AfterHash = "\"\n}\n";

    private static readonly JsonWriterOptions _writerOptions =
        new() { Indented = true, NewLine = "\n", MaxDepth = MaxDepth, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions _readerOptions = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    public byte[] ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, _writerOptions);
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", SchemaVersion);
        writer.WriteNumber("step", Step);
        writer.WriteNumber("epoch", Epoch);
        writer.WriteNumber("generation", Generation);
        writer.WriteString("weightsSha256", WeightsSha256);
        writer.WritePropertyName("run");
        Run.WriteTo(writer);
        writer.WriteStartObject("files");
        WriteDigest(writer, SnapshotFiles.Model, Model);
        WriteDigest(writer, SnapshotFiles.Optimizer, Optimizer);
        writer.WriteEndObject();
        writer.Flush();

        var body = buffer.WrittenSpan;
        return [.. body, .. Ending(body)];
    }

    /// <summary>Reads state.json; <paramref name="path"/> names it in errors.</summary>
    public static SnapshotState Parse(ReadOnlyMemory<byte> bytes, string path)
    {
        CheckOwnHash(bytes.Span, path);
        try
        {
            using var document = JsonDocument.Parse(bytes, _readerOptions);
            var root = document.RootElement;
            var version = root.GetProperty("schemaVersion").GetInt32();
            if (version != SchemaVersion)
            {
                throw new CheckpointException(path, "another schema version", $"{SchemaVersion}", $"{version}",
                    "Resume with the release that wrote this snapshot.");
            }

            var files = root.GetProperty("files");
            return new SnapshotState(
                root.GetProperty("step").GetInt64(), root.GetProperty("epoch").GetInt32(), root.GetProperty("generation").GetInt32(),
                Text(root, "weightsSha256"), JsonObject.Create(root.GetProperty("run").Clone()) ?? throw new FormatException("run is null"),
                ReadDigest(files.GetProperty(SnapshotFiles.Model)), ReadDigest(files.GetProperty(SnapshotFiles.Optimizer)));
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw Damaged(path, "not the state of a snapshot", "every entry of schema version 1", problem.Message, problem);
        }
    }

    private static void CheckOwnHash(ReadOnlySpan<byte> bytes, string path)
    {
        var endingLength = BeforeHash.Length + (2 * SHA256.HashSizeInBytes) + AfterHash.Length;
        if (bytes.Length < endingLength)
        {
            throw Damaged(path, "torn or truncated", $"at least {endingLength} bytes", $"{bytes.Length}");
        }

        var body = bytes[..^endingLength];
        if (!bytes[^endingLength..].SequenceEqual(Ending(body)))
        {
            throw Damaged(path, "torn, truncated or changed", "its own SHA-256 as the last entry", "bytes of another hash or none");
        }
    }

    private static byte[] Ending(ReadOnlySpan<byte> body) =>
        Encoding.ASCII.GetBytes(BeforeHash + Convert.ToHexStringLower(SHA256.HashData(body)) + AfterHash);

    private static void WriteDigest(Utf8JsonWriter writer, string name, FileDigest digest)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("bytes", digest.Length);
        writer.WriteString("sha256", digest.Sha256);
        writer.WriteEndObject();
    }

    private static FileDigest ReadDigest(JsonElement element) =>
        new(element.GetProperty("bytes").GetInt64(), Text(element, "sha256"));

    private static string Text(JsonElement element, string name) =>
        element.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null");

    private static CheckpointException Damaged(string path, string what, string expected, string got, Exception? inner = null) =>
        new(path, what, expected, got, "Use an earlier snapshot.", inner);
}
