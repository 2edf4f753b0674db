using System.Collections.Concurrent;

namespace Lcnn.Distributed.Data.Claims;

/// <summary>The claims that this process holds.</summary>
internal static class HeldClaims
{
    private static readonly ConcurrentDictionary<FolderClaim, string> _ids = new();

    public static bool Contain(string id) => _ids.Values.Contains(id);

    public static void Add(FolderClaim holder, string id) => _ids[holder] = id;

    public static void Remove(FolderClaim holder) => _ids.TryRemove(holder, out _);
}
