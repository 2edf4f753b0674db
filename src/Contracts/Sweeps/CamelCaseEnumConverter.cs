using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>An enum as its name in camelCase.</summary>
internal sealed class CamelCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
