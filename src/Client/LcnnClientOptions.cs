using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Lcnn.Distributed.Client;

/// <summary>How the client of a host connects; bound from configuration or set in code.</summary>
public sealed class LcnnClientOptions : IValidatableObject
{
    /// <summary>Address of the cluster, as <see cref="ClusterAddress.Parse"/> reads it; empty for the Orleans silo or client of the host itself.</summary>
    public string Cluster { get; set; } = "";

    /// <summary>As <see cref="ConnectOptions.TlsFolder"/>; empty for a cluster without certificates.</summary>
    public string TlsFolder { get; set; } = "";

    /// <summary>As <see cref="ConnectOptions.Token"/>; empty for none.</summary>
    public string Token { get; set; } = "";

    /// <summary>For how long a first silo is looked for when the host starts.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan Timeout { get; set; } = new ConnectOptions().Timeout;

    /// <summary>How long one that was found may take to answer, busy as it may be.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan AnswerTimeout { get; set; } = new ConnectOptions().AnswerTimeout;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        ValidationResult? problem = null;
        try
        {
            _ = Cluster.Length == 0 ? null : ClusterAddress.Parse(Cluster);
        }
        catch (FormatException exception)
        {
            problem = new ValidationResult($"{nameof(Cluster)}: {exception.Message}", [nameof(Cluster)]);
        }

        return problem is null ? [] : [problem];
    }
}

[OptionsValidator]
internal sealed partial class LcnnClientOptionsValidator : IValidateOptions<LcnnClientOptions>;
