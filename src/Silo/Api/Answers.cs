using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Lcnn.Distributed.Silo.Api;

/// <summary>Answers a page asks for again and again: with a tag, so that what it has already is not sent again.</summary>
internal static class Answers
{
    /// <summary>An object, or nothing where the caller has it.</summary>
    public static IResult Of<T>(HttpContext context, T content)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(content, ApiJson.Options);
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 12))}\"";
        context.Response.Headers.ETag = tag;
        context.Response.Headers.CacheControl = "no-cache";
        return context.Request.Headers.IfNoneMatch.Any(known => known is not null && known.Split(',', StringSplitOptions.TrimEntries).Any(one => one == tag || one == "*" || one == "W/" + tag))
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Bytes(bytes, "application/json; charset=utf-8");
    }
}
