using System.ComponentModel.DataAnnotations;

namespace Lcnn.Distributed.Silo.Configuration;

/// <summary>Empty, an IP address or a host name, without a port.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NetworkAddressAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        ArgumentNullException.ThrowIfNull(validationContext);
        return value is not string { Length: > 0 } text || Uri.CheckHostName(text) != UriHostNameType.Unknown
            ? ValidationResult.Success
            : new ValidationResult($"expected an IP address or a host name without a port, got '{text}'", [validationContext.MemberName ?? ""]);
    }
}
