using Microsoft.Extensions.Options;

namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>Holds <see cref="TransportOptions"/> to its attributes.</summary>
[OptionsValidator]
internal sealed partial class TransportOptionsValidator : IValidateOptions<TransportOptions>;
