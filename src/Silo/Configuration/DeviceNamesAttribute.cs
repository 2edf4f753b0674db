using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Lcnn.Distributed.Silo.Configuration;

/// <summary>A list of devices: "cpu" or "cuda:" and the number of a GPU, each GPU once.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DeviceNamesAttribute : ValidationAttribute
{
    private const string Gpu = "cuda:";

    /// <inheritdoc/>
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        ArgumentNullException.ThrowIfNull(validationContext);
        var devices = value as IReadOnlyList<string> ?? [];
        var problem = devices.Count == 0 ? "expected at least one device"
            : devices.FirstOrDefault(device => !IsDevice(device)) is { } odd ? $"expected cpu or cuda:N separated by commas, got '{odd}'"
            : devices.GroupBy(device => device).FirstOrDefault(group => group.Count() > 1) is { } twice ? $"'{twice.Key}' is named twice; --slots says how many workers share it"
            : null;
        return problem is null ? ValidationResult.Success : new ValidationResult(problem, [validationContext.MemberName ?? ""]);
    }

    private static bool IsDevice(string device) => device == "cpu"
        || (device.StartsWith(Gpu, StringComparison.Ordinal) && int.TryParse(device.AsSpan(Gpu.Length), NumberStyles.None, CultureInfo.InvariantCulture, out _));
}
