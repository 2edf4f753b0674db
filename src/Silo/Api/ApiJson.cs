using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lcnn.Distributed.Contracts.Runs;
using Microsoft.AspNetCore.Http;

namespace Lcnn.Distributed.Silo.Api;

/// <summary>The one JSON form of requests and answers: that of events and reports. In requests nothing unknown is passed over.</summary>
internal static class ApiJson
{
    /// <summary>Of answers.</summary>
    public static JsonSerializerOptions Options { get; } = With(JsonUnmappedMemberHandling.Skip);

    private static readonly JsonSerializerOptions _strict = With(JsonUnmappedMemberHandling.Disallow);

    /// <summary>Reads a body.</summary>
    /// <exception cref="JsonException">It is another.</exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request, CancellationToken cancellationToken) =>
        await JsonSerializer.DeserializeAsync<T>(request.Body, _strict, cancellationToken) ?? throw new JsonException("expected an object, got null");

    /// <summary>A property's name as JSON has it.</summary>
    public static string NameOf(string field) => JsonNamingPolicy.CamelCase.ConvertName(field);

    /// <summary>Makes the web server's own settings, from which the API's description is made, say the same.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        foreach (var converter in Options.Converters)
        {
            options.Converters.Add(converter);
        }

        options.TypeInfoResolverChain.Insert(0, Options.TypeInfoResolver!);
    }

    private static JsonSerializerOptions With(JsonUnmappedMemberHandling unmapped)
    {
        var options = new JsonSerializerOptions(RunEventJson.Options) { UnmappedMemberHandling = unmapped, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        options.MakeReadOnly();
        return options;
    }
}
