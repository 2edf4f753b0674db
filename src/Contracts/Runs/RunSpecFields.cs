using System.Reflection;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>The fields of a <see cref="RunSpec"/> by the numbers that they travel under: a silo of an earlier release drops those that it does not know.</summary>
public static class RunSpecFields
{
    private static readonly RunSpec _fresh = new();
    private static readonly Dictionary<uint, PropertyInfo> _fields = typeof(RunSpec).GetProperties()
        .Select(property => (property, id: property.GetCustomAttribute<IdAttribute>()?.Id))
        .Where(field => field.id is not null)
        .ToDictionary(field => field.id!.Value, field => field.property);

    /// <summary>All that this release knows.</summary>
    public static IReadOnlyList<uint> All { get; } = [.. _fields.Keys.Order()];

    /// <summary>The release before silos said what they know had these.</summary>
    public static bool IsOld(uint field) => field is <= 42 or (>= 50 and <= 55) or 60 or 61;

    /// <summary>Those in which a spec is not as a silo that lacks the field would take it.</summary>
    public static IEnumerable<uint> Set(RunSpec spec) => _fields.Where(field => !Equals(field.Value.GetValue(spec), field.Value.GetValue(_fresh))).Select(field => field.Key).Order();

    /// <summary>Its name, or its number where this release does not know it.</summary>
    public static string NameOf(uint field) => _fields.TryGetValue(field, out var property) ? RunSpecOptions.OfField(property.Name)?.Name ?? property.Name : $"number {field}";
}
