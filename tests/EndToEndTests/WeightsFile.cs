using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Lcnn.Distributed.EndToEndTests;

/// <summary>A reader of safetensors files that shares no line with the program's own.</summary>
internal static class WeightsFile
{
    /// <summary>SHA-256 over all tensors by ordinal name: UTF-8 name, one zero byte, raw bytes.</summary>
    public static string Sha256(string path)
    {
        var file = File.ReadAllBytes(path);
        var headerLength = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        using var header = JsonDocument.Parse(file.AsMemory(8, headerLength));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var tensors = header.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__").OrderBy(entry => entry.Name, StringComparer.Ordinal);
        foreach (var tensor in tensors)
        {
            var offsets = tensor.Value.GetProperty("data_offsets");
            var (start, end) = (offsets[0].GetInt32(), offsets[1].GetInt32());
            hash.AppendData(Encoding.UTF8.GetBytes(tensor.Name));
            hash.AppendData([0]);
            hash.AppendData(file.AsSpan(8 + headerLength + start, end - start));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>What the file says of itself: texts alone, as the format wants them.</summary>
    public static IReadOnlyDictionary<string, string> Metadata(string path)
    {
        var file = File.ReadAllBytes(path);
        using var header = JsonDocument.Parse(file.AsMemory(8, (int)BinaryPrimitives.ReadUInt64LittleEndian(file)));
        return header.RootElement.GetProperty("__metadata__").EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetString()!);
    }
}
