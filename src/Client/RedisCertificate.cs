using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lcnn.Distributed.Client.Security;

namespace Lcnn.Distributed.Client;

/// <summary>What is shown to a Redis that wants a certificate of its clients; read anew for each connection, since certificates are renewed.</summary>
internal static class RedisCertificate
{
    /// <summary>The address's certificate with its key; null where it names none.</summary>
    /// <exception cref="ClusterUnreachableException">The files cannot be used.</exception>
    public static X509Certificate2? Load(ClusterAddress address)
    {
        if (address.RedisCertificateFile is not { } file)
        {
            return null;
        }

        try
        {
            using var pair = X509Certificate2.CreateFromPemFile(file, address.RedisKeyFile);
            return PrivateTrust.ForTls(pair);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw RedisProblems.CannotBeUsed(
                address, $"its client's certificate '{file}' and key '{address.RedisKeyFile}' cannot be used: {exception.Message.ReplaceLineEndings(" ")}", exception);
        }
    }
}
