using System.Security.Cryptography;
using System.Text;

namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>The SHA-256 by which weights are compared: per tensor, in ordinal order of names, the UTF-8 name, a zero byte, the raw bytes.</summary>
public static class WeightsHash
{
    /// <summary>Lower-case hexadecimal hash of the tensors, whatever order they come in.</summary>
    public static string Compute(IEnumerable<SafeTensor> tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var tensor in SafeTensorsWriter.Order(tensors))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(tensor.Name));
            hash.AppendData([0]);
            hash.AppendData(tensor.Data.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Hash of the tensors of a safetensors file.</summary>
    public static string ComputeFile(string path) => Compute(SafeTensorsFile.Read(path).Tensors.Values);
}
