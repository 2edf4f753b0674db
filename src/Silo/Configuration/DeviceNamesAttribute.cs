using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Lcnn.Distributed.Silo.Configuration;

/// <summary>"auto", "cpu", or GPUs as "cuda:0,cuda:1", each once.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DeviceNamesAttribute : ValidationAttribute
{
    private const string Gpu = "cuda:";

    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        ArgumentNullException.ThrowIfNull(validationContext);
        var text = value as string ?? "";
        if (text is "auto" or "cpu")
        {
            return ValidationResult.Success;
        }

        var devices = text.Split(',');
        var problem = Array.Find(devices, device => !IsGpu(device)) is { } odd ? $"expected auto, cpu, or GPUs as cuda:0,cuda:1, got '{odd}'"
            : devices.GroupBy(device => device).FirstOrDefault(group => group.Count() > 1) is { } twice ? $"expected each GPU once, got '{twice.Key}' twice"
            : null;
        return problem is null ? ValidationResult.Success : new ValidationResult(problem, [validationContext.MemberName ?? ""]);
    }

    private static bool IsGpu(string device) =>
        device.StartsWith(Gpu, StringComparison.Ordinal) && int.TryParse(device.AsSpan(Gpu.Length), NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
