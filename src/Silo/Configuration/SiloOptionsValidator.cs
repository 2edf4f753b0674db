using Microsoft.Extensions.Options;

namespace Lcnn.Distributed.Silo.Configuration;

/// <summary>Names every problem of the options at once.</summary>
[OptionsValidator]
public sealed partial class SiloOptionsValidator : IValidateOptions<SiloOptions>;
