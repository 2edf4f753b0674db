using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Lcnn.Distributed.Contracts.Security;
using Lcnn.Distributed.Silo.Security;
using Microsoft.AspNetCore.Http;

namespace Lcnn.Distributed.Silo.Api;

/// <summary>What a browser shows after a login: until when it is good, signed with the token that was given. Every silo that knows the token takes it; a token that is taken away ends its logins.</summary>
internal static class SessionCookie
{
    /// <summary>Its name.</summary>
    public const string Name = "lcnn-session";

    private const int TimeBytes = sizeof(long);
    private const int IdBytes = 8;
    private static readonly TimeSpan _lifetime = TimeSpan.FromHours(12);

    /// <summary>Gives the browser one.</summary>
    public static void Set(HttpContext context, string token, DateTimeOffset now)
    {
        var until = now + _lifetime;
        context.Response.Cookies.Append(Name, Sign(ClientTokens.HashOf(token), until.ToUnixTimeSeconds()), Options(context, until));
    }

    /// <summary>Takes it away.</summary>
    public static void Clear(HttpContext context) => context.Response.Cookies.Delete(Name, Options(context, until: null));

    /// <summary>The role of the token behind it; none once that is unknown or the time is over.</summary>
    public static Role RoleOf(string cookie, ClientTokens tokens, DateTimeOffset now)
    {
        var bytes = new byte[TimeBytes + IdBytes + HMACSHA256.HashSizeInBytes];
        if (cookie.Length != Base64Url.GetEncodedLength(bytes.Length) || !Base64Url.TryDecodeFromChars(cookie, bytes, out var count) || count != bytes.Length)
        {
            return Role.None;
        }

        var until = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        if (until < now.ToUnixTimeSeconds() || until > (now + _lifetime + _lifetime).ToUnixTimeSeconds())
        {
            return Role.None;
        }

        foreach (var (hash, role) in tokens.All)
        {
            if (CryptographicOperations.FixedTimeEquals(bytes, Signed(hash, until)))
            {
                return role;
            }
        }

        return Role.None;
    }

    private static string Sign(string hash, long until) => Base64Url.EncodeToString(Signed(hash, until));

    // The hash of a token is known to silos alone, and is not told by what is signed with it.
    private static byte[] Signed(string hash, long until)
    {
        var key = Convert.FromHexString(hash);
        var bytes = new byte[TimeBytes + IdBytes + HMACSHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, until);
        HMACSHA256.HashData(key, "lcnn token"u8).AsSpan(0, IdBytes).CopyTo(bytes.AsSpan(TimeBytes));
        HMACSHA256.HashData(key, bytes.AsSpan(0, TimeBytes + IdBytes), bytes.AsSpan(TimeBytes + IdBytes));
        return bytes;
    }

    private static CookieOptions Options(HttpContext context, DateTimeOffset? until) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        Path = "/",
        Expires = until,
        IsEssential = true,
    };
}
